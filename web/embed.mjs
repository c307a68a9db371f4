// node embed.mjs OUTPUT.cpp: writes the page's files as C++ (web/CMakeLists.txt calls it).

import { writeFileSync } from 'node:fs';

import { collect } from './assets.mjs';

/** The bytes as string literals: they compile many times faster than lists of numbers. A ? could begin a trigraph. */
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    let line = '';
    for (const byte of bytes.subarray(at, at + 4096)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
    }
    lines.push(`"${line}"`);
  }
  return lines.join('\n    ') || '""';
}

const view = (bytes) => `std::string_view(\n    ${literal(bytes)},\n    ${bytes.length})`;
const text = (value) => literal(Buffer.from(value));

const entries = collect().map(({ path, contentType, body, gzip, etag }) =>
  `    {${text(path)}, ${text(contentType)}, ${view(body)}, ${view(gzip)}, ${text(etag)}},`);

writeFileSync(process.argv[2], `// Made by web/embed.mjs.
#include "web/assets.hpp"

namespace foodorder::web {

std::span<const Asset> assets() {
  static constexpr Asset all[] = {
${entries.join('\n')}
  };
  return all;
}

}  // namespace foodorder::web
`);
