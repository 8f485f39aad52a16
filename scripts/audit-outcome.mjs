/**
 * Reads the answer of `npm audit --json`.
 * @param {string} answer
 * @returns {{ line: string, failed: boolean }}
 */
export function auditOutcome(answer) {
  const { vulnerabilities, message } = parse(answer);
  if (!vulnerabilities) {
    return { line: `Not audited: ${message ?? "npm gave no answer"}.`, failed: false };
  }
  const names = Object.values(vulnerabilities).map(({ name, severity }) => `${name} (${severity})`);
  if (names.length === 0) {
    return { line: "Audited: no weakness is known in the dependencies.", failed: false };
  }
  return { line: `Known weaknesses: ${names.join(", ")}. See npm audit.`, failed: true };
}

/**
 * @param {string} answer
 * @returns {{ vulnerabilities?: Record<string, { name: string, severity: string }>, message?: string }}
 */
function parse(answer) {
  try {
    return JSON.parse(answer);
  } catch {
    return {};
  }
}
