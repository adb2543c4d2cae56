import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The pages of the documentation, by path in the repository. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .sort(),
];

export const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** A fenced block. A comment `<!-- test: … -->` in the line before it says what the test needs to know. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly note?: string;
}

export function blocks(page: string): Block[] {
  const lines = read(page).split('\n');
  const found: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, language] = /^```(\w*)$/.exec(lines[i]) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`${page}:${i + 1}: the block does not end`);
    const [, note] = /^<!-- test: (.*) -->$/.exec(lines[i - 1] ?? '') ?? [];
    found.push({ language, code: lines.slice(i + 1, end).join('\n'), line: i + 1, ...(note && { note }) });
    i = end;
  }
  return found;
}

/** The links of a page to other files and headings of the repository, with the line they stand in. */
export function links(page: string): { readonly target: string; readonly line: number }[] {
  let fenced = false;
  return read(page)
    .split('\n')
    .flatMap((text, i) => {
      if (text.startsWith('```')) fenced = !fenced;
      if (fenced) return [];
      const plain = text.replace(/`[^`]*`/g, '');
      const targets = [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
      return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ target, line: i + 1 }));
    });
}

/** The names by which links reach the headings of a page; a second one that is read alike is numbered. */
export function anchors(page: string): string[] {
  const seen = new Map<string, number>();
  return headings(page).map((heading) => {
    const name = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
}

const headings = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
