// Which optional packages of other platforms a lock file lacks.

/**
 * @typedef {object} Entry one package in package-lock.json, as far as it matters here
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string} [license]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [engines]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/** How native packages name their platform: `binding-linux-x64-gnu`, `darwin-arm64`. */
const PLATFORM =
  /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(.+))?$/;

/**
 * @param {{ readonly packages: Readonly<Record<string, Entry>> }} lock
 * @returns {{ place: string, entry: Entry }[]}
 */
export function missingFromLock({ packages }) {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {}, ...rest }]) =>
    Object.entries(optionalDependencies)
      .map(([name, version]) => ({ name, version, place: `node_modules/${name}` }))
      .filter(({ place }) => !packages[place] && !packages[`${owner}/${place}`])
      .map(({ name, version, place }) => ({ place, entry: describe(name, version, rest) })),
  );
}

/**
 * @param {string} name
 * @param {string} version
 * @param {Entry} owner
 * @returns {Entry}
 */
function describe(name, version, { dev, license, engines }) {
  const [, os, cpu, abi = ""] = PLATFORM.exec(name) ?? [];
  if (!os || !cpu) throw new Error(`${name} does not name its platform`);
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${name}@${version} is not one version`);
  const libc = abi.includes("musl") ? ["musl"] : ["glibc"];
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(os === "linux" && abi !== "" ? { libc } : {}),
    ...(license ? { license } : {}),
    optional: true,
    os: [os],
    ...(engines ? { engines } : {}),
  };
}
