// Writes the software bill of materials of the package, in CycloneDX: what it needs at run time, with versions and
// hashes from the lock file. Runs before `npm pack`. npm puts the time, a random number and the folder's name into it;
// they are left out or mended, so that one commit gives one file.
//
//   node scripts/sbom.mjs [file]
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const target = process.argv[2] ?? fileURLToPath(new URL("dist/sbom.cdx.json", root));

const { name } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const flags = ["--sbom-format=cyclonedx", "--sbom-type=library", "--omit=dev", "--omit=peer"];
const text = execFileSync("npm", ["sbom", ...flags, "--package-lock-only"], {
  cwd: root,
  encoding: "utf8",
});
const { serialNumber: _serial, ...bom } = JSON.parse(text);
delete bom.metadata.timestamp;
bom.metadata.component.name = name;
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${JSON.stringify(bom, null, 2)}\n`);
