// What a release must not lack: where its users find the project, and where they report a weakness.

/**
 * @typedef {object} Manifest package.json, as far as it matters here
 * @property {string | { readonly url?: string }} [repository]
 * @property {string} [homepage]
 * @property {string | { readonly url?: string, readonly email?: string }} [bugs]
 */

/**
 * What is missing, a line for each.
 * @param {Manifest} manifest
 * @param {string} security SECURITY.md
 * @returns {string[]}
 */
export function missingForRelease({ repository, homepage, bugs }, security) {
  const url = typeof repository === "string" ? repository : repository?.url;
  const tracker = typeof bugs === "string" ? bugs : (bugs?.url ?? bugs?.email);
  const [, report = ""] = /^## Report a weakness\n([^]*?)(?=^## |$(?![^]))/m.exec(security) ?? [];
  return [
    ...(url ? [] : ['package.json has no "repository"']),
    ...(homepage ? [] : ['package.json has no "homepage"']),
    ...(tracker ? [] : ['package.json has no "bugs"']),
    ...(/https:\/\/\S|[\w.+-]+@[\w-]+\.\w/.test(report)
      ? []
      : ['SECURITY.md names no address under "Report a weakness"']),
  ];
}
