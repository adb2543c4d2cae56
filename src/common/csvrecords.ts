import Papa from 'papaparse';
import { fail } from './error.ts';
import { MOST_TREE } from './limits.ts';

/**
 * The records of a CSV table (RFC 4180) that comes in parts of any length, some at a time; the first is the header. Memory does not grow with
 * the table. Errors name `file`: a quote that is never closed.
 */
export async function* csvRecords(
  parts: AsyncIterable<string> | Iterable<string>,
  file: string,
): AsyncGenerator<readonly string[][], void> {
  for await (const records of wholeRecords(parts, file))
    yield Papa.parse<string[]>(records, { delimiter: ',', newline: '\n' }).data;
}

/** Text cut where records end, which is at a line break outside of quotes. */
async function* wholeRecords(
  parts: AsyncIterable<string> | Iterable<string>,
  file: string,
): AsyncGenerator<string, void> {
  // What has been looked at of a record that is not whole yet; nothing is looked at twice.
  let before: string[] = [];
  let length = 0;
  let inQuotes = false;
  for await (const text of parts) {
    let end = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 34) inQuotes = !inQuotes;
      else if (code === 10 && !inQuotes) end = i + 1;
    }
    if (end > 0) {
      // The last line break would be one more, empty record.
      yield before.join('') + text.slice(0, end - 1);
      [before, length] = [[], 0];
    }
    before.push(text.slice(end));
    length += text.length - end;
    if (length > MOST_TREE) fail(file, 'a quote in it is never closed', 'make it again');
  }
  if (length > 0) yield before.join('');
}
