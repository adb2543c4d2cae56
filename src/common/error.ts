import { sayable } from './quoted.ts';
import { type Field, plain, type Words } from './words.ts';

/**
 * Who can do something about an error, and how much it concerns; nobody need read a message to decide what to do.
 * - `input`: a file, a model, a definition that was given is wrong. Ends all.
 * - `item`: one of many items (a photo of a list, an image of a batch) is wrong; the others can go on.
 * - `request`: a field of the request is wrong, whatever the data.
 * - `environment`: the disk, the memory, the graphics card, a library.
 */
export type ErrorKind = 'input' | 'item' | 'request' | 'environment';

/** What an error is about, besides its words. */
export interface ErrorAbout {
  /** `input` unless given. */
  readonly kind?: ErrorKind | undefined;
  /** Of kind `item`: the photo's name, or the image's place in its batch. */
  readonly item?: string | number | undefined;
}

/**
 * An error in what the user gave, or in what limn runs on. Its message is one line of three parts: where it stands, what
 * is wrong, and what to do. Anything else that is thrown is a bug in limn.
 */
export class LimnError extends Error {
  override readonly name = 'LimnError';
  readonly kind: ErrorKind;
  readonly item: string | number | undefined;

  constructor(
    /** File, layer, line and column, byte offset, field: whatever finds the place. */
    private readonly place: Words,
    private readonly wrong: Words,
    /** What the user can do about it. */
    private readonly remedy?: Words,
    { kind = 'input', item }: ErrorAbout = {},
  ) {
    super(sentence(place, wrong, remedy));
    this.kind = kind;
    this.item = item;
  }

  get where(): string {
    return said(this.place);
  }

  get what(): string {
    return said(this.wrong);
  }

  get fix(): string | undefined {
    return this.remedy === undefined ? undefined : said(this.remedy);
  }

  /** The three parts with fields of requests marked, as plain data. */
  get parts(): readonly [where: Words, what: Words, fix?: Words] {
    return this.remedy === undefined ? [this.place, this.wrong] : [this.place, this.wrong, this.remedy];
  }

  /** The message with fields called as a client's users know them: the command line says `--head` for `head`. */
  messageFor(nameOf: (field: Field) => string): string {
    return sentence(this.place, this.wrong, this.remedy, nameOf);
  }

  /** The same, about something else, or said of another place. */
  with(about: ErrorAbout, where: Words = this.place): LimnError {
    return new LimnError(where, this.wrong, this.remedy, { kind: this.kind, item: this.item, ...about });
  }
}

function sentence(where: Words, what: Words, fix?: Words, nameOf?: (field: Field) => string): string {
  return `${said(where, nameOf)}: ${said(what, nameOf)}${fix ? `; ${said(fix, nameOf)}` : ''}`;
}

/** What stands in a message can come from anywhere: here it becomes printable, and no longer than can be read. */
const said = (words: Words, nameOf?: (field: Field) => string): string => sayable(plain(words, nameOf));

/** Throws a {@link LimnError}; usable as an expression: `map.get(key) ?? fail(…)`. */
export function fail(where: Words, what: Words, fix?: Words, about?: ErrorAbout): never {
  throw new LimnError(where, what, fix, about);
}

/** Throws one of kind `request`; `where` is the field, with its value if that helps. */
export function failRequest(where: Words, what: Words, fix?: Words): never {
  throw new LimnError(where, what, fix, { kind: 'request' });
}

/** Throws one of kind `environment`. */
export function failEnvironment(where: Words, what: Words, fix?: Words): never {
  throw new LimnError(where, what, fix, { kind: 'environment' });
}

/** Does work on one of many items: whatever is wrong with what it reads concerns this item only. */
export async function forItem<T>(item: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LimnError && error.kind === 'input' ? error.with({ kind: 'item', item }) : error;
  }
}

/** Does work on a batch that one item makes up: what is wrong with an image of the batch is wrong with this item. */
export async function inItem<T>(item: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LimnError) || error.kind !== 'item') throw error;
    throw error.with({ item }, `${item}: ${error.where}`);
  }
}
