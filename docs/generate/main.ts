import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages.ts';
import { drawGallery } from './pictures.ts';

// `npm run docs` calls this in the folder of the package.
mkdirSync('docs/reference/library', { recursive: true });
for (const [path, make] of Object.entries(pages))
  writeFileSync(join('docs/reference', path), make('dist/cli/main.js'));
await drawGallery('docs/images/gallery');
