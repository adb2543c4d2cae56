import { render } from 'preact';
import { Shell } from './shell.tsx';
import { keepSite } from './site.ts';
import { client, forgetAnswers, idle } from './state/asked.ts';
import { followFailures } from './state/failure.ts';
import { folderChanges, openFiles } from './state/files.ts';
import { findLinked, takeLink } from './state/link.ts';
import { openNotebook } from './state/notebook.ts';
import { followAddress } from './state/view.ts';
// What rooms that are loaded later have in the address is known before it is read.
import './state/clusters.ts';
import './state/grid.ts';
import './state/results.ts';
import './state/teach.ts';
import './state/training.ts';

/* The page of `limn studio`: forms make requests, a worker's verbs answer them, and the answers are drawn. */

followFailures();
takeLink(location.hash);
followAddress();
addEventListener('hashchange', () => {
  takeLink(location.hash);
  void findLinked();
});
void openFiles(client).then(findLinked);
void openNotebook();
folderChanges.subscribe((paths) => forgetAnswers(paths));
// A moment later, and not before what was asked is answered: it is for other visits than this one.
addEventListener('load', () => setTimeout(() => void idle().then(keepSite), 1000));
// A task of its own: what has been loaded was read and run in this one.
setTimeout(() => render(<Shell />, document.querySelector('#studio')!));
