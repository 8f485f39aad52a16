const LOCAL = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Whether a Host header names this machine, where most browsers take Secure cookies over plain http. */
export function isLocalHost(host: string): boolean {
  return LOCAL.test(host);
}
