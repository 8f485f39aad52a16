/**
 * Loads a package from this folder: packages are looked for where the file is that imports them.
 * @param {string} name
 * @returns {Promise<unknown>}
 */
export function load(name) {
  return import(name);
}
