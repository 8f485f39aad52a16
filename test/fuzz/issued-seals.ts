/** Cookies as the cookie store seals them, of bytes that a seed decides. That they open is checked before use. */
import { HANDLE_BYTES } from "../../src/crypto/token.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { NONCE_BYTES } from "../../src/crypto/xaes.ts";
import { writePayload } from "../../src/stores/cookie/payload.ts";
import { LATER, LIVE, OVER, recordOf } from "./issued.ts";
import type { Cookies, Issued, Times } from "./issued.ts";
import type { Random } from "./random.ts";

/** What a seal is bound to. */
interface Binding {
  readonly name: string;
  readonly format?: number;
  readonly purpose?: string;
  /** The purpose of the key. */
  readonly label?: string;
}

/** What a secret has sealed for cookies of a name. */
export function sealedCookies(random: Random, secret: string, name: string): Cookies {
  const handle = (): string => random.bytes(HANDLE_BYTES).toString("base64url");
  const user = (who: string): string => `${who} of ${name} by ${secret.slice(0, 2)}`;
  const issue = (handle: string, user: string, times: Times): Issued => {
    const value = seal(
      random,
      secret,
      writePayload({ handle, generation: 0, record: recordOf(user, times) }),
      { name },
    );
    return { value, handle, user, rank: times.expiresAt, over: OVER.includes(times) };
  };
  const other = (binding: Partial<Binding>, more = ""): string => {
    const text = writePayload({
      handle: handle(),
      generation: 0,
      record: recordOf("nobody", LIVE),
    });
    return seal(random, secret, Buffer.concat([text, Buffer.from(more)]), { name, ...binding });
  };
  const ann = handle();
  const issued = [
    issue(ann, user("ann"), LIVE),
    issue(ann, user("ann, again"), LATER),
    issue(handle(), user("bob"), LIVE),
    { ...issue(handle(), user("cleo"), LIVE), gone: true },
    ...OVER.map((times) => issue(handle(), user("dan"), times)),
  ];
  const others = [
    other({ format: 0 }),
    other({ format: 3 }),
    other({ purpose: "revocation" }),
    other({ label: "csrf token" }),
    other({}, "no JSON any more"),
  ];
  return { name, issued, values: [...issued.map(({ value }) => value), ...others] };
}

function seal(
  random: Random,
  secret: string,
  plain: Buffer,
  { name, format = 2, purpose = "session", label = "session cookie" }: Binding,
): string {
  const { id, cipher } = createKeyring([secret], label).first;
  const head = Buffer.concat([Buffer.of(format), id]);
  const nonce = random.bytes(NONCE_BYTES);
  const associated = Buffer.concat([head, Buffer.from(`${purpose}\0${name}`)]);
  return Buffer.concat([head, nonce, cipher.seal(nonce, plain, associated)]).toString("base64url");
}
