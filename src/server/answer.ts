import type { Context } from 'hono';
import type { ServedFile } from './files.ts';
import { byteRangeOf } from './ranges.ts';

/** What is said of a file besides its bytes. */
export interface SentAs {
  readonly type: string;
  readonly cache: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with a file or the part of it that is asked for, with its headers alone, or that the client has it already. */
export function answerWith(c: Context, file: ServedFile, { type, cache, headers }: SentAs): Response {
  const tag = `"${file.version}"`;
  const said = {
    ...headers,
    'Content-Type': type,
    'Cache-Control': cache,
    'Accept-Ranges': 'bytes',
    ETag: tag,
    'Last-Modified': file.modified.toUTCString(),
  };
  const withoutBody = (status: 200 | 206 | 304 | 416, more: Record<string, string> = {}) => {
    void file.close();
    return c.body(null, status, { ...said, ...more });
  };
  if (isKnown(c.req.header('if-none-match'), tag)) return withoutBody(304);
  // A range of what has become another file since is no part of it: then the whole is due.
  const same = [undefined, tag].includes(c.req.header('if-range'));
  const range = same ? byteRangeOf(c.req.header('range'), file.bytes) : 'all';
  if (range === 'none') return withoutBody(416, { 'Content-Range': `bytes */${file.bytes}` });
  const { from, to } = range === 'all' ? { from: 0, to: file.bytes } : range;
  const status = range === 'all' ? 200 : 206;
  const sized = {
    'Content-Length': String(to - from),
    ...(range !== 'all' && { 'Content-Range': `bytes ${from}-${to - 1}/${file.bytes}` }),
  };
  if (c.req.method === 'HEAD' || from === to) return withoutBody(status, sized);
  return c.body(file.send(from, to), status, { ...said, ...sized });
}

/** Whether `If-None-Match` names the tag; a compressed answer's is a weak one of the same. */
const isKnown = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag));
