/** Which letters the font of the PDF has, whole alphabets at a time; a test holds this against the font itself. */

/** Written from left to right, and a letter at a time: Latin with all its accents, Greek, Cyrillic, and the signs between them. */
const printed: readonly (readonly [from: number, to: number])[] = [
  [0x20, 0x7e],
  [0xa0, 0xac],
  [0xae, 0x24f],
  [0x391, 0x3a1],
  [0x3a3, 0x3ce],
  [0x400, 0x4ff],
  [0x1e00, 0x1efb],
  [0x2010, 0x2027],
  [0x2030, 0x203a],
  [0x20a0, 0x20b5],
  [0x2190, 0x2199],
  [0x27e8, 0x27e9],
]
export const isPrinted = (letter: number): boolean => printed.some(([from, to]) => letter >= from && letter <= to)
export const printedLetters = (): readonly number[] =>
  printed.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))

/** The text as it can be printed: what the font lacks, and what would not be seen or change places, stands as its number. */
export const inPrint = (text: string): string =>
  [...text.normalize('NFC')]
    .map((letter) => {
      const number = letter.codePointAt(0) ?? 0
      return isPrinted(number) ? letter : `⟨U+${number.toString(16).toUpperCase().padStart(4, '0')}⟩`
    })
    .join('')
