import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeHost } from 'limn/node';
import { importFaceApi } from 'limn/verbs';
import { defineConfig, type Plugin } from 'vite';
import { FACE_API, usualFinderFiles } from './src/verbs/facefiles.ts';

/* The page of `limn studio` as a static site in dist/studio, after the library was compiled to dist/. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The network and the portrait of the first visit, and the cat of the tour. */
function siteFiles(): Plugin {
  return {
    name: 'limn-site-files',
    async generateBundle() {
      const folder = await mkdtemp(join(tmpdir(), 'limn-studio-'));
      try {
        const { output } = await importFaceApi({ output: folder }, nodeHost);
        this.emitFile({
          type: 'asset',
          fileName: `demo/${basename(output)}`,
          source: await readFile(output),
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      // What finds faces, for photos of people as they are.
      for (const name of usualFinderFiles) {
        const source = await readFile(await nodeHost.packageFile(FACE_API, `model/${name}`));
        this.emitFile({ type: 'asset', fileName: `faces/${name}`, source });
      }
      for (const fileName of ['demo/astronaut-face.png', 'demo/cat.jpg'])
        this.emitFile({ type: 'asset', fileName, source: await readFile(here(fileName)) });
    },
  };
}

export default defineConfig({
  root: here('src/studio'),
  // The page may lie under any path.
  base: './',
  plugins: [siteFiles()],
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    outDir: here('dist/studio'),
    emptyOutDir: true,
    target: 'es2023',
    manifest: 'manifest.json',
    // Nothing is written into the page itself: its Content-Security-Policy allows no such code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // How long plugins take, on a machine that does other things as well, is no warning to whoever builds limn.
      checks: { pluginTimings: false },
      input: { index: here('src/studio/index.html'), serviceworker: here('src/studio/serviceworker.ts') },
      output: {
        // A service worker is for what lies beside and below it, and its address must stay.
        entryFileNames: ({ name }) => (name === 'serviceworker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
