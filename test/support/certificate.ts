/** A self-signed certificate for tests of TLS, made when it is needed: none is kept, so none runs out. */
import { X509Certificate, generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  /** The server that it stands for. */
  readonly host: string;
  /** PEM. */
  readonly key: string;
  /** PEM; also what a client trusts it by. */
  readonly cert: string;
}

const DAY = 24 * 60 * 60 * 1000;

export function selfSigned(host: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)); // ecdsa-with-SHA256
  const commonName = sequence(oid(0x55, 0x04, 0x03), element(0x0c, Buffer.from(host)));
  const name = sequence(element(0x31, commonName));
  const now = Date.now();
  // RFC 5280, section 4.1; version 1 needs no extensions.
  const toBeSigned = sequence(
    element(0x02, Buffer.of(1)),
    algorithm,
    name,
    sequence(time(now - DAY), time(now + DAY)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const bits = element(0x03, Buffer.concat([Buffer.of(0), signature]));
  return {
    host,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: new X509Certificate(sequence(toBeSigned, algorithm, bits)).toString(),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function oid(...bytes: readonly number[]): Buffer {
  return element(0x06, Buffer.from(bytes));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  return element(0x18, Buffer.from(`${digits}Z`));
}

/** DER: tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
