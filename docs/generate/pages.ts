import { cliPage } from './cli.ts';
import { compositesPage } from './composites.ts';
import { galleryPage } from './gallery.ts';
import { libraryPages } from './library.ts';
import { operatorsPage } from './operators.ts';

/** The pages of docs/reference that are made from the code; each takes the path of limn's built script. */
export const pages: Readonly<Record<string, (main: string) => string>> = {
  'cli.md': cliPage,
  'composites.md': compositesPage,
  'gallery.md': galleryPage,
  ...libraryPages,
  'operators.md': operatorsPage,
};
