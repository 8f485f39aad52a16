/** The most cookies of one name that are tried. More are refused, because the client chooses their number. */
export const MAX_CANDIDATES = 4;
/** The most cookies of one name that are looked at, where a look tells which ones this application has not issued. */
export const MOST_COOKIES = 256;

/**
 * Gives the values of the cookies called `name`, in the order in which the client has sent them. It gives at most `most`,
 * which is one more than {@link MAX_CANDIDATES} unless the caller asks for more.
 *
 * Our values are base64url, so that nothing is decoded, and percent signs make a value malformed. Only a pair of quotes
 * is taken off: Java's clients send `$Version="1"; name="value";$Path="/"`, as RFC 2109 and 2965 wanted. Names are
 * compared exactly, after the spaces and tabs of RFC 6265bis 5.6 are trimmed. So `=name=value`, another case, or a
 * no-break space in front never reads as the session.
 */
export function readCookies(
  header: string | null | undefined,
  name: string,
  most: number = MAX_CANDIDATES + 1,
): readonly string[] {
  if (!header) return [];
  const values: string[] = [];
  let start = 0;
  while (start < header.length && values.length < most) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    const nameStart = skipSpace(header, start, end);
    if (header.startsWith(name, nameStart)) {
      const equals = skipSpace(header, nameStart + name.length, end);
      if (header[equals] === "=") values.push(trimmed(header, equals + 1, end));
    }
    start = end + 1;
  }
  return values;
}

/** The most names that {@link readAllCookies} reads: browsers send 180 cookies of one host at most. */
const MOST_NAMES = 256;

/** Gives the cookies of a header by their names, as they stand there: of one name the first {@link MAX_CANDIDATES}. */
export function readAllCookies(
  header: string | null | undefined,
): ReadonlyMap<string, readonly string[]> {
  const cookies = new Map<string, string[]>();
  if (!header) return cookies;
  let start = 0;
  while (start < header.length && cookies.size < MOST_NAMES) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    // A search in the rest of the header would read it again for each pair without a "=".
    const pair = header.slice(start, end);
    const equals = pair.indexOf("=");
    if (equals !== -1) {
      const name = pair.slice(0, equals).trim();
      const values = cookies.get(name) ?? [];
      if (values.length === 0) cookies.set(name, values);
      if (values.length < MAX_CANDIDATES) values.push(trimmed(pair, equals + 1, pair.length));
    }
    start = end + 1;
  }
  return cookies;
}

/** Gives a header with one cookie called `name`, in place of all cookies of that name. The others stay. */
export function replaceCookies(header: string | undefined, name: string, value: string): string {
  const own = `${name}=${value}`;
  if (!header) return own;
  const others = header.split(";").filter((pair) => readCookies(pair, name).length === 0);
  return [own, ...others].join(";");
}

function trimmed(text: string, start: number, end: number): string {
  const from = skipSpace(text, start, end);
  let to = end;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  if (text[from] === '"' && text[to - 1] === '"' && to - from > 1)
    return text.slice(from + 1, to - 1);
  return text.slice(from, to);
}

function skipSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
