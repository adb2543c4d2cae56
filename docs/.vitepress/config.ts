import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { sections } from './sections.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

type RenderRule = (tokens: readonly { readonly content: string }[], i: number) => string;

/** Files that pages lead to and that are no pages themselves: programs, a licence. */
const files = new Set<string>();

/** Code that is indented, rather than fenced, has no frame of its own to scroll in. */
const scrolled = '.vp-doc pre { overflow-x: auto }';

/** A printed page is its text, all of it, without what leads to others. */
const printed = `@media print {
  .VPNav, .VPLocalNav, .VPSidebar, .VPDoc .aside, .VPDocFooter { display: none !important }
  .VPContent, .VPDoc { padding: 0 !important }
  .VPDoc .container, .VPDoc .content, .VPDoc .content-container { max-width: none !important }
  .vp-doc pre code { white-space: pre-wrap; overflow-wrap: anywhere }
}`;

const isFile = (path: string): boolean => !/^[a-z]+:|^#/.test(path) && !/\.(md|html)(#|$)|\/$/.test(path);

/* `npm run site`: the documentation as pages, with a search that needs no server. A link that leads nowhere ends the build. */
export default defineConfig({
  title: 'limn',
  description: 'Train, evaluate, compare and explain image classifiers, in Node and in the browser.',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['**/node_modules/**', 'tests/**', 'dist/**', 'demo/**', 'site/**', 'shared/**'],
  outDir: '../site',
  cacheDir: '../node_modules/.cache/limn-site',
  rewrites: (page) => page.replace(/README\.md$/, 'index.md'),
  head: [['style', {}, `${scrolled}\n${printed}`]],
  // Copying them fails where they are missing.
  ignoreDeadLinks: [isFile],
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Documentation', link: '/docs/' },
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Gallery', link: '/docs/reference/gallery' },
      { text: 'Command line', link: '/docs/reference/cli' },
    ],
    sidebar: sections,
    outline: [2, 3],
  },
  // The search's index and the highlighter are large, and loaded when they are needed.
  vite: { build: { chunkSizeWarningLimit: 1500 } },
  markdown: {
    languageAlias: { prototxt: 'proto' },
    config(md) {
      // Pages hold no markup but comments: what looks like it in a sentence is meant as it stands.
      const asText: RenderRule = (tokens, i) =>
        tokens[i].content.trim().startsWith('<!--') ? '' : md.utils.escapeHtml(tokens[i].content);
      Object.assign(md.renderer.rules, { html_inline: asText, html_block: asText });
      md.core.ruler.push('links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (!href) continue;
          // A README is the first page of its folder.
          token.attrSet('href', href.replace(/(^|\/)README\.md/, '$1index.md'));
          if (isFile(href)) files.add(resolve(dirname(env.path), href));
        }
      });
    },
  },
  buildEnd({ outDir }) {
    for (const file of files) {
      const copy = join(outDir, relative(root, file));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(file, copy);
    }
  },
});
