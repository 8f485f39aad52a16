const LOCAL = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Whether a Host header names this machine, where browsers take Secure cookies over plain http. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL.test(host);
}

/** The host of an absolute URL over plain http, as the platform writes it. */
const PLAIN = /^http:\/\/([^/?#]*)/;

/** Whether a URL is plain http, and not of this machine. */
export function isInsecureUrl(url: string): boolean {
  const host = PLAIN.exec(url)?.[1];
  return host !== undefined && !isLocalHost(host);
}
