// The library's own types name no module that a path could lead to.
export function generate(text: string): { size: number; get(x: number, y: number): boolean };
