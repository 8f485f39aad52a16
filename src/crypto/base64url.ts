const ALPHABET = /^[\w-]*$/;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * The bytes that exactly this text encodes (RFC 4648 section 5, without padding), or `undefined`. Node's own
 * decoder skips what it does not know; here two different texts never give the same bytes.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  if (!ALPHABET.test(text)) return undefined;
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  if (rest !== 0) {
    const unused = rest === 2 ? 0b1111 : 0b11;
    if ((DIGITS.indexOf(text.charAt(text.length - 1)) & unused) !== 0) return undefined;
  }
  return Buffer.from(text, "base64url");
}
