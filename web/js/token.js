// Where the host's link carries its token.

/** The token of "#token=…", or empty. @param {string} fragment */
export function tokenIn(fragment) {
  const match = /^#(?:.*&)?token=([^&]+)/.exec(fragment);
  if (!match) return '';
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}
