import { type NetParameter, parsePrototxt, parseSolver, upgradeNet } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { type FileSystem, readText } from '../../common/files.ts';
import { readDataPath } from '../../data/definitions/layout.ts';
import {
  type DefinitionMistake,
  dataPaths,
  definitionMistakes,
  foldOfFile,
} from '../../data/definitions/mistakes.ts';
import { type DefinitionName, readDefinitionName } from '../../data/definitions/name.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type DefinitionsRequest, definitionsRequest } from './request.ts';
import type { DefinitionFinding, DefinitionsResult, DoctorEvent } from './result.ts';

/**
 * Finds definitions of trainings that do not do what their names say: one file, the folder of one, or a folder of folders, named as the
 * published ones are. It reads no data and no weights. Errors: nothing there; a file that is no definition.
 */
export async function checkDefinitions(
  request: DefinitionsRequest,
  { files }: Pick<Host, 'files'>,
  { on, signal }: Watch<DoctorEvent> = {},
): Promise<DefinitionsResult> {
  const { definitions, dataRoot } = checkRequest(definitionsRequest, request, signal);
  const found = await definitionFiles(definitions, files);
  if (found.length === 0)
    fail(
      definitions,
      'no definition is in it',
      'give a .prototxt file, or a folder of such or of folders of such',
    );
  const total = found.reduce((sum, { paths }) => sum + paths.length, 0);
  const findings: DefinitionFinding[] = [];
  let done = 0;
  for (const { folder, paths } of found) {
    const name = readDefinitionName(folder);
    for (const path of paths) {
      signal?.throwIfAborted();
      const mistakes = await mistakesOf(path, name, { files, dataRoot });
      findings.push(...mistakes.map((mistake) => ({ definition: folder, ...mistake })));
      on?.({ kind: 'progress', what: 'definitions', done: ++done, total });
    }
  }
  const unnamed = found.map(({ folder }) => folder).filter((folder) => !readDefinitionName(folder));
  return { definitions, folders: found.length, files: total, unnamed, findings };
}

/** The definitions below a path, by their folders. */
async function definitionFiles(
  path: string,
  files: FileSystem,
): Promise<readonly { readonly folder: string; readonly paths: readonly string[] }[]> {
  const kind = await files.kindOf(path);
  if (kind === undefined) fail(path, 'no such file or folder');
  const nameOf = async (folder: string) => files.basename(await files.realPath(folder));
  if (kind === 'file') return [{ folder: await nameOf(files.join(path, '..')), paths: [path] }];
  const entries = await files.list(path);
  const within = async (folder: string, listed: typeof entries) => {
    const paths = listed.filter((each) => each.kind === 'file' && each.name.endsWith('.prototxt'));
    return { folder: await nameOf(folder), paths: paths.map(({ name }) => files.join(folder, name)) };
  };
  const folders = entries.filter((each) => each.kind === 'folder').map(({ name }) => files.join(path, name));
  const all = [await within(path, entries)];
  for (const folder of folders) all.push(await within(folder, await files.list(folder)));
  return all.filter(({ paths }) => paths.length > 0);
}

interface Checking {
  readonly files: FileSystem;
  readonly dataRoot: string | undefined;
}

type Found = Omit<DefinitionFinding, 'definition'>;

/** What is wrong in one file, which is a solver's or a network's. */
async function mistakesOf(
  path: string,
  name: DefinitionName | undefined,
  { files, dataRoot }: Checking,
): Promise<readonly Found[]> {
  const text = await readText(files, path, 'a network or a solver');
  if (isSolver.test(text)) return netMistakes(text, path);
  const net = upgradeNet(parsePrototxt(text, path), path);
  const missing = dataRoot === undefined ? [] : await missingData(net, path, files, dataRoot);
  return [...definitionMistakes(net, path, name), ...missing];
}

/** Fields that only solvers have, at the beginning of a line. */
const isSolver = /^\s*(?:base_lr|lr_policy|max_iter|solver_mode)\s*:/m;

/** A solver that tests on one fold should train the network of that fold. */
function netMistakes(text: string, path: string): DefinitionMistake[] {
  const fold = foldOfFile(path);
  const { net, trainNet, testNet } = parseSolver(text, path);
  return [net, trainNet, ...testNet].flatMap((file): DefinitionMistake[] => {
    const own = file ? foldOfFile(file) : undefined;
    if (own === undefined || fold === undefined || own === fold) return [];
    return [{ kind: 'net', where: path, what: `it is for fold ${fold}, but trains '${file}'` }];
  });
}

/** Databases and mean images that are not below the root of the data. */
async function missingData(
  net: NetParameter,
  file: string,
  files: FileSystem,
  root: string,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const seen = new Set<string>();
  for (const { path, where } of net.layer.flatMap((layer) => dataPaths(layer, file))) {
    const named = readDataPath(path);
    if (!named || seen.has(path)) continue;
    seen.add(path);
    if ((await files.kindOf(files.join(root, named.path))) === undefined)
      found.push({ kind: 'missing', where, what: `it reads '${named.path}', which is not in ${root}` });
  }
  return found;
}
