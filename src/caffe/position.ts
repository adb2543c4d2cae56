/** A place in a text file, counted from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, as editors understand it. */
export const place = (at: Position): string => `${at.file}:${at.line}:${at.column}`;

const positions = new WeakMap<object, Position>();

/** Remembers where a message was read. A side table, so that messages stay plain data. */
export function setPosition(message: object, at: Position | undefined): void {
  if (at) positions.set(message, at);
}

/** Where a message stood in its prototxt; undefined if it came from elsewhere. */
export const positionOf = (message: object): Position | undefined => positions.get(message);
