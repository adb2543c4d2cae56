import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A part of the navigation: a heading of the front page and the pages that it lists. */
export interface Section {
  readonly text: string;
  readonly collapsed: boolean;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

const front = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');

/** As an entry begins, also where the page's name stands within a sentence; names of code stay as they are. */
const titled = (name: string): string =>
  /^limn\b/.test(name) ? name : name[0].toUpperCase() + name.slice(1);

/** The navigation is what docs/README.md lists: there is one place to put a page. */
export const sections: Section[] = front
  .split(/^## /m)
  .slice(1)
  .flatMap((part): Section[] => {
    const [text] = part.split('\n', 1);
    const items = [...part.matchAll(/^- (.*)$/gm)].flatMap(([, line]) =>
      [...line.matchAll(/\[([^\]]+)\]\(([^)#]+)\.md\)/g)].map(([, name, path]) => ({
        text: titled(name.replaceAll('`', '')),
        link: new URL(path, 'http://x/docs/').pathname.replace(/README$/, ''),
      })),
    );
    return items.length > 0 ? [{ text, collapsed: false, items }] : [];
  });
