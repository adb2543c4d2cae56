import { render } from 'preact';
import { Shell } from './shell.tsx';
import { keepSite } from './site.ts';
import { client } from './state/asked.ts';
import { openFiles } from './state/files.ts';
import { followAddress } from './state/view.ts';

/* The page of `limn studio`: forms make requests, a worker's verbs answer them, and the answers are drawn. */

followAddress();
void openFiles(client);
addEventListener('load', () => void keepSite());
render(<Shell />, document.querySelector('#studio')!);
