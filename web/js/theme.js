// Light or dark: the user's word if there is one, else the system's. A classic script in the head, so that the first
// frame already has the right colours; the rest of the page talks to it by the `theme` event.
(() => {
  const key = 'foodorder-theme';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');

  const saved = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;  // storage is switched off: the choice lasts as long as the page
    }
  };
  const show = (/** @type {string} */ theme) => {
    root.dataset.theme = theme;
    dispatchEvent(new CustomEvent('theme', { detail: theme }));
  };
  const systems = () => (system.matches ? 'dark' : 'light');

  show(saved() ?? systems());
  system.addEventListener('change', () => saved() ?? show(systems()));
  addEventListener('theme-toggle', () => {
    const next = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      // Back at the system's choice the page follows the system again.
      if (next === systems()) localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    } catch {
      // as above
    }
    show(next);
  });
})();
