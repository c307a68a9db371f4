// Texts that want to be more than text: each tries to run, to leave the markup that holds it, or to change how a line reads.
// Whatever of them runs sets `pwned`.
const run = 'globalThis.pwned=1';
const mark = `onerror="${run}"`;

export const payloads = [
  // elements that run
  `<script>${run}</script>`, `<img src=x ${mark}>`, `<svg onload="${run}">`, `<svg><script>${run}</script></svg>`, `<iframe srcdoc="<script>parent.pwned=1</script>">`,
  `<iframe src="javascript:parent.pwned=1">`, `<body onload="${run}">`, `<video><source ${mark}></video>`, `<audio src=x ${mark}>`, `<object data="javascript:${run}">`,
  `<embed src="javascript:${run}">`, `<details open ontoggle="${run}">x</details>`, `<input autofocus onfocus="${run}">`, `<select autofocus onfocus="${run}">`,
  `<marquee onstart="${run}">x</marquee>`, `<a href="javascript:${run}" autofocus>x</a>`, `<form action="javascript:${run}"><button autofocus>x</form>`,
  `<link rel=stylesheet href="data:text/css,*{display:none}">`, `<style>*{display:none}</style>`, `<base href="https://example.invalid/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${run}">`, `<math><mi xlink:href="javascript:${run}">x</mi></math>`, `<template><img src=x ${mark}></template>`,
  `<dialog open onclick="${run}">x</dialog>`, `<textarea autofocus onfocus="${run}"></textarea>`, `<b style="position:fixed;inset:0;z-index:99">x</b>`,
  // out of what holds them
  `"><img src=x ${mark}>`, `'><img src=x onerror='${run}'>`, `" onmouseover="${run}" x="`, `' autofocus onfocus='${run}`, '--><script>pwned=1</script>', ']]><script>pwned=1</script>',
  '</title><script>pwned=1</script>', '</bdi></li></ol></main>', '</textarea></input>', `\`\${${run}}\``, `{{constructor.constructor('pwned=1')()}}`, `\${7*7} #{7*7} <%= 7*7 %>`,
  // encoded once or twice
  '&lt;script&gt;pwned=1&lt;/script&gt;', '&#60;img src=x onerror=pwned=1&#62;', '%3Cscript%3Epwned=1%3C/script%3E', '\\u003cscript\\u003epwned=1', `javascript:${run}`,
  'data:text/html,<script>pwned=1</script>',
  // lines that read otherwise: right to left, overrides, isolates, marks without end, no width, names that objects have
  'שלום <b>עולם</b> 12', 'مرحبا (1 من 2)!', '\u202egnp.exe', 'a\u2067b\u2066c', '\u2069\u2069 out \u202a in', `z${'\u0335\u0489'.repeat(30)}algo`, '\u200b\u200d\ufeffx', '__proto__', 'constructor',
  `${'W'.repeat(60)} wide`,
];
