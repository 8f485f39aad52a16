import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditOutcome } from "../../scripts/audit-outcome.mjs";
import { manifest, read } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { version: string; integrity: string }>>;
}

describe("the bill of materials", () => {
  it("the bill names each package that users install, with the lock file's version and hash", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sojourn-sbom-"));
    const file = join(folder, "sbom.json");
    const { code, stderr } = await runNode(["scripts/sbom.mjs", file]);
    expect(code, stderr).toBe(0);
    const text = readFileSync(file, "utf8");
    rmSync(folder, { recursive: true });
    const bom = JSON.parse(text) as Bom;
    const { packages } = JSON.parse(read("package-lock.json")) as Lock;

    expect(bom.metadata.component.name).toBe("sojourn");
    expect(bom.components.map(({ name }) => name)).toEqual(Object.keys(manifest.dependencies));
    for (const { name, version, hashes } of bom.components) {
      const { version: locked, integrity } = packages[`node_modules/${name}`] ?? {};
      expect(version).toBe(locked);
      const [hash] = hashes;
      expect(`sha512-${Buffer.from(hash?.content ?? "", "hex").toString("base64")}`).toBe(
        integrity,
      );
    }
  });

  it("the bill of one commit is one file: no time and no random number stands in it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sojourn-sbom-"));
    const texts: string[] = [];
    for (const name of ["a.json", "b.json"]) {
      await runNode(["scripts/sbom.mjs", join(folder, name)]);
      texts.push(readFileSync(join(folder, name), "utf8"));
    }
    rmSync(folder, { recursive: true });
    expect(texts[0]).toBe(texts[1]);
  });

  it("npm writes the bill into every tarball", () => {
    expect(manifest.scripts["prepack"]).toBe("npm run build && node scripts/sbom.mjs");
  });
});

describe("the audit", () => {
  const vulnerable = {
    auditReportVersion: 2,
    vulnerabilities: { devalue: { name: "devalue", severity: "high" } },
  };

  it("the audit fails if a weakness is known, and names the package", () => {
    expect(auditOutcome(JSON.stringify(vulnerable))).toEqual({
      line: "Known weaknesses: devalue (high). See npm audit.",
      failed: true,
    });
  });

  it("the audit passes if no weakness is known", () => {
    expect(auditOutcome(JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} }))).toEqual({
      line: "Audited: no weakness is known in the dependencies.",
      failed: false,
    });
  });

  it("the audit says in one line that the registry did not answer, and does not fail", () => {
    expect(auditOutcome(JSON.stringify({ message: "405 Method Not Allowed" }))).toEqual({
      line: "Not audited: 405 Method Not Allowed.",
      failed: false,
    });
    expect(auditOutcome("").line).toBe("Not audited: npm gave no answer.");
  });
});
