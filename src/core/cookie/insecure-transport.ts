import { publish } from "../events.ts";
import { warnOnce } from "../warn.ts";

export const INSECURE_TRANSPORT = "SOJOURN_INSECURE_TRANSPORT";

/** Says that a Secure cookie left over what the host believes is plain http, also from this machine to itself. */
export function tellInsecureTransport(cookieName: string, handle: string | undefined): void {
  publish("drop-cookie", cookieName, handle, "insecure-transport");
  warnOnce(
    INSECURE_TRANSPORT,
    `the session cookie "${cookieName}" is Secure and was sent over plain http. Safari, Java, ` +
      "Python's requests and supertest's agent drop it, also from http://localhost; all browsers drop it from other " +
      "hosts. Behind a TLS proxy, let the host trust it; for plain http in development, set secure: false",
  );
}
