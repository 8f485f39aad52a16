/**
 * How hard a secret is to guess for somebody who tries words, sentences, rows of the keyboard and repetitions before
 * random text. It is an estimate from above for what people make up, and far above the limit for what a generator makes.
 */

/** Bits for each part, about as many as somebody needs who guesses parts of that kind first. */
const REPEAT = 6;
const RUN = 8;
const COMMON_WORD = 4;
const WORD = 13;
/** For a word of a sentence, which follows from the others. */
const SENTENCE_WORD = 5;
/** For each letter of a word beyond eight. */
const LONG_WORD = 3;
const LETTER = 4.7;
const DIGIT = 3.3;
const SYMBOL = 5;
const SAME_SYMBOL = 0.5;
const FOREIGN_LETTER = 7;

/** A longer text is judged by its beginning. */
const LONGEST = 256;
const SHORTEST_REPEAT = 4;
/** Between separators, letters are a word if they are not many. */
const LONGEST_WORD = 14;

/** Words that hold sentences together. */
const SENTENCE = new Set(
  (
    "a an and any are as at be but by can do does dont for from has have here how i if in is it its just me must my need " +
    "never no not now of on only or our please should so some than that the their then there these they this those to " +
    "was we what when where which who why will with you your"
  ).split(" "),
);

/** Words that people write where a secret is asked for. */
const COMMON = new Set(
  (
    "abc adipiscing admin again amet app application auth authentication base battery bit bits byte bytes cat change changeit changeme char " +
    "character characters chars client code complex consectetur cookie correct crypto database default dev develop development dolor " +
    "elit encrypt encryption env ever example express fixme generate generated generation generator hash hello hex hmac horse " +
    "hs insert ipsum iron jwt key keyboard keys least length letmein local localhost login long love min minimum monkey more " +
    "most next node nuxt one only pass passphrase passwd password phrase placeholder prod production project public " +
    "private put qwerty random real really replace root safe salt sample secret secrets secure security server session " +
    "sessions set shared short sign signature signing sit site something staging staple string strong super temp temporary " +
    "test tester testing text todo token tokens two unsafe use user username value very web website welcome whatever " +
    "word words world write"
  ).split(" "),
);

/** The pairs of letters that make up most of English text. */
const PAIRS = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro " +
    "ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so " +
    "rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl " +
    "ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt " +
    "oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck " +
    "ew mu br bi pt ak pu ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip"
  ).split(" "),
);

/** The rows of letters and of keys, and the columns of keys. */
const ROWS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];
const LINES: readonly string[] = ROWS.flatMap((row) => [row, row.split("").reverse().join("")]);
/** The same keys with the shift key. */
const SHIFTED = "!@#$%^&*()";

/**
 * The bits that a guesser of words and patterns needs, at most.
 * @param enough from here on nobody needs to know how many there are
 */
export function guessBits(secret: string, enough: number): number {
  const text = secret.slice(0, LONGEST);
  const keys = text
    .toLowerCase()
    .replace(/[!@#$%^&*()]/g, (key) => `${(SHIFTED.indexOf(key) + 1) % 10}`);
  const symbols = new Set<string>();
  const words: string[] = [];
  let bits = 0;
  let at = 0;
  while (at < text.length && bits < enough) {
    const pattern = patternAt(keys, at);
    const word = pattern ? "" : wordAt(text, at);
    if (word) words.push(word);
    else bits += pattern?.bits ?? bitsOf(text.charAt(at), symbols);
    at += pattern?.length ?? (word.length || 1);
  }
  return bits + bitsOfWords(words, isSentence(text) ? SENTENCE_WORD : WORD);
}

interface Pattern {
  readonly length: number;
  readonly bits: number;
}

/** What stands at a place and follows from what was there before, or from a row of keys or letters. */
function patternAt(text: string, at: number): Pattern | undefined {
  const patterns: Pattern[] = [
    { length: repeatAt(text, at), bits: REPEAT },
    { length: runAt(text, at), bits: RUN },
    { length: zigzagAt(text, at), bits: 2 * RUN },
  ];
  const [longest] = patterns.sort((a, b) => b.length - a.length);
  return longest?.length ? longest : undefined;
}

function repeatAt(text: string, at: number): number {
  let length = 0;
  while (at + length < text.length) {
    const first = text.indexOf(text.slice(at, at + length + 1));
    if (first + length + 1 > at) break;
    length += 1;
  }
  return length >= SHORTEST_REPEAT ? length : 0;
}

/** The length of a row such as "1234", "qwerty" or "aaaa". Three letters in a row stand in many words. */
function runAt(text: string, at: number): number {
  const length = rowAt(text, at, 1);
  const isOfLetters = /[a-z]/.test(text.charAt(at)) && text.charAt(at + 1) !== text.charAt(at);
  return length >= (isOfLetters ? 4 : 3) ? length : 0;
}

/** The length of two rows that take turns, such as "1q2w3e" or "a1b2c3". */
function zigzagAt(text: string, at: number): number {
  const length = 2 * Math.min(rowAt(text, at, 2), rowAt(text, at + 1, 2));
  return length >= 6 ? length : 0;
}

/** How many characters, each a step behind the one before, follow each other in one row. */
function rowAt(text: string, at: number, step: number): number {
  const first = text.charAt(at);
  if (first === "") return 0;
  let longest = 1;
  while (text.charAt(at + longest * step) === first) longest += 1;
  for (const line of LINES) {
    const start = line.indexOf(first);
    if (start === -1) continue;
    let length = 1;
    while (start + length < line.length && line[start + length] === text[at + length * step]) {
      length += 1;
    }
    longest = Math.max(longest, length);
  }
  return longest;
}

/** The word at a place: in small letters, in capitals, or with a capital in front. Empty if the letters make none. */
function wordAt(text: string, at: number): string {
  const part = partAt(text, at);
  if (COMMON.has(plainOf(part))) return part;
  const word = match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/y, text, at);
  const lower = word.toLowerCase();
  const stands = word === part && word.length > 1 && word.length <= LONGEST_WORD;
  return stands || SENTENCE.has(lower) || COMMON.has(lower) || isEnglish(lower) ? word : "";
}

/** What stands between two separators, or at an end. Empty in the middle of it. */
function partAt(text: string, at: number): string {
  return at > 0 && /[a-z0-9]/i.test(text.charAt(at - 1)) ? "" : match(/[a-z0-9@$]+/iy, text, at);
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** A word without the digits that people write for letters. */
function plainOf(part: string): string {
  return part
    .toLowerCase()
    .replace(/[013457@$]/g, (key) => "oieastas".charAt("013457@$".indexOf(key)));
}

/** Whether letters follow each other as in a word. In random letters fewer than half of the pairs do. */
function isEnglish(letters: string): boolean {
  if (letters.length < 3) return false;
  let pairs = 0;
  for (let at = 1; at < letters.length; at++) {
    if (PAIRS.has(letters.slice(at - 1, at + 1))) pairs += 1;
  }
  return pairs >= 0.75 * (letters.length - 1);
}

function bitsOf(character: string, symbols: Set<string>): number {
  if (/[a-z]/i.test(character)) return LETTER;
  if (/[0-9]/.test(character)) return DIGIT;
  if (character > "\u007f") return FOREIGN_LETTER;
  if (symbols.has(character)) return SAME_SYMBOL;
  symbols.add(character);
  return SYMBOL;
}

function bitsOfWords(words: readonly string[], bitsOfOther: number): number {
  let bits = 0;
  for (const word of words.map(plainOf)) {
    if (SENTENCE.has(word) || COMMON.has(word)) bits += COMMON_WORD;
    else bits += bitsOfOther + LONG_WORD * Math.max(word.length - 8, 0);
  }
  return bits;
}

/** Whether the parts of a text are bound by the words of sentences. */
function isSentence(text: string): boolean {
  const parts = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const binding = parts.filter((part) => SENTENCE.has(part)).length;
  return binding >= 2 && binding >= parts.length / 5;
}
