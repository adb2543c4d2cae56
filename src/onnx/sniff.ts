import { fileKind } from '../common/filekind.ts';

/** What a file that is no model seems to be; undefined if it could be one. */
export function sniff(bytes: Uint8Array): string | undefined {
  const { kind, text } = fileKind(bytes);
  return kind === 'model' || kind === 'unknown' ? undefined : text;
}
