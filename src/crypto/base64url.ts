import { ownText } from "./own-bytes.ts";

/**
 * Gives the bytes that exactly this text encodes (RFC 4648 section 5, without padding), or `undefined`. Node's own
 * decoder skips characters that it does not know. Here two different texts never give the same bytes.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = ownText(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
