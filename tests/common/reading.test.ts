import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parseLabels, readMean } from '../../src/caffe/index.ts';
import { readSolverState } from '../../src/caffe/solverstate.ts';
import { LimnError } from '../../src/common/error.ts';
import {
  openFile,
  readBytes,
  readEnd,
  readParts,
  readStart,
  readTextFile,
  readTextIfThere,
  readTextSync,
} from '../../src/common/file.node.ts';
import { nodeFiles } from '../../src/common/files.node.ts';
import { hashFile } from '../../src/common/hash.node.ts';
import { readFolds } from '../../src/data/index.ts';
import { readJournal } from '../../src/data/lmdb/journal.node.ts';
import { keptAccess } from '../../src/data/lmdb/randomaccess.node.ts';
import { openDataset } from '../../src/data/open.ts';
import { openPredictions } from '../../src/evaluation/journal.ts';
import { readResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { loadModel } from '../../src/onnx/file.node.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../../src/onnx/generated/onnx_pb.ts';
import { readPlan, readSpec } from '../../src/plan/index.ts';
import { readRun } from '../../src/report/runs.ts';
import { readNetFile, readSolver } from '../../src/training/definition.node.ts';
import { readSnapshot } from '../../src/training/run/snapshot.node.ts';
import { readTrainedWeights } from '../../src/training/source.node.ts';
import { readTensor } from '../../src/verbs/photos.ts';
import { noise, oldModel } from '../onnx/support.ts';
import { codeOf } from '../source.ts';

const folder = mkdtempSync(join(tmpdir(), 'limn-reading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

interface Reader {
  readonly name: string;
  readonly read: (path: string) => Promise<unknown>;
  /** What its files are may be said in their first bytes; the others are read as they are. */
  readonly tells?: false;
}

const ofText = (parse: (text: string, file: string) => unknown) => async (path: string) =>
  parse(await readTextFile(path, 'what it should be'), path);

/** Every kind of file that limn reads, by a name with its ending, and what reads it. */
const readers: readonly Reader[] = [
  { name: 'model.onnx', read: loadModel },
  { name: 'net.prototxt', read: readNetFile },
  { name: 'solver.prototxt', read: readSolver },
  { name: 'net.caffemodel', read: readTrainedWeights },
  { name: 'mean.binaryproto', read: async (path) => readMean(await readBytes(path), path) },
  { name: 'run.solverstate', read: async (path) => readSolverState(await readBytes(path), path) },
  { name: 'run.limnstate', read: readSnapshot },
  { name: 'labels.txt', read: ofText(parseLabels) },
  { name: 'list.txt', read: (path) => openDataset(path, nodeFiles) },
  { name: 'manifest.csv', read: (path) => openDataset(path, nodeFiles) },
  { name: 'data.mdb', read: (path) => openDataset(path, nodeFiles) },
  { name: 'kept.mdb', read: async (path) => keptAccess(path), tells: false },
  { name: 'places.mdb', read: nodeFiles.open, tells: false },
  { name: 'photo.jpg', read: decodeFile },
  { name: 'tensor.npy', read: (path) => readTensor(path, nodeHost) },
  { name: 'log.jsonl', read: (path) => readRun(path, 'run', false, nodeFiles) },
  { name: 'spec.yaml', read: ofText(readSpec) },
  { name: 'plan.json', read: ofText(readPlan) },
  { name: 'hashed', read: hashFile, tells: false },
  { name: 'answers.journal', read: (path) => openPredictions(path, { model: 'a' }, nodeFiles), tells: false },
  { name: 'build.journal', read: (path) => readJournal(path, 'id'), tells: false },
  { name: 'start', read: (path) => readStart(path, 10), tells: false },
  { name: 'end', read: (path) => readEnd(path, 10), tells: false },
  { name: 'own', read: readTextIfThere, tells: false },
  { name: 'sync', read: async (path) => readTextSync(path), tells: false },
  {
    name: 'fold_0_data.txt',
    read: async (path) => {
      const folds = `${path}.folds`;
      mkdirSync(folds, { recursive: true });
      for (const k of [0, 1]) {
        rmSync(join(folds, `fold_${k}_data.txt`), { force: true });
        symlinkSync(path, join(folds, `fold_${k}_data.txt`));
      }
      return readFolds(folds, nodeFiles);
    },
  },
  {
    name: 'result.json',
    read: async (path) => {
      const result = `${path}.result`;
      mkdirSync(result, { recursive: true });
      rmSync(join(result, 'result.json'), { force: true });
      symlinkSync(path, join(result, 'result.json'));
      return readResult(result, nodeHost);
    },
  },
];

async function complaint(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LimnError);
  return (error as LimnError).message;
}

describe.each(readers)('$name', ({ name, read, tells }) => {
  it.skipIf(process.platform === 'win32')('that is a pipe is refused, not waited for', async () => {
    const pipe = at(`pipe-${name}`);
    execFileSync('mkfifo', [pipe]);
    expect(await complaint(read(pipe))).toMatch(/is a pipe|no result|folds in it: 0/);
    const link = at(`link-${name}`);
    symlinkSync(pipe, link);
    expect(await complaint(read(link))).toMatch(/is a pipe|no result|folds in it: 0/);
  });

  it.skipIf(process.platform === 'win32')('that never ends is refused', async () => {
    const link = at(`zero-${name}`);
    symlinkSync('/dev/zero', link);
    expect(await complaint(read(link))).toMatch(/no regular file|no result|folds in it: 0/);
  });

  it('that is a folder is refused', async () => {
    const path = at(`folder-${name}`);
    mkdirSync(path);
    // An empty folder is a data set, or a run, of its own kind of emptiness.
    expect(await complaint(read(path))).toMatch(/is a folder|no pictures|no log|no snapshot|no result/);
  });

  it.skipIf(tells === false)(
    'that is a saved web page, or a pointer to the file, is named as such',
    async () => {
      const page = at(`page-${name}`);
      writeFileSync(
        page,
        `\n\n\n\n<!DOCTYPE html>\n<html lang="en"><head><title>${name}</title></head></html>\n`,
      );
      expect(await complaint(read(page))).toMatch(/a web page, not .*by its Raw button/);
      writeFileSync(page, 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n');
      expect(await complaint(read(page))).toMatch(/a Git LFS pointer, not .*git lfs pull/);
    },
  );
});

/** y = x + w, with w's two numbers in another file from a byte on. */
function externalModel(location: string, offset: number): Uint8Array {
  const proto = oldModel({
    opset: 18,
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    weights: { w: noise([2]) },
  });
  const [w] = proto.graph!.initializer;
  w.rawData = new Uint8Array();
  w.dataLocation = TensorProto_DataLocation.EXTERNAL;
  w.externalData = Object.entries({ location, offset: String(offset), length: '8' }).map(([key, value]) => ({
    $typeName: 'onnx.StringStringEntryProto',
    key,
    value,
  }));
  return toBinary(ModelProtoSchema, proto);
}

describe('an ONNX model whose weights are in another file', () => {
  const model = at('models/m.onnx');
  beforeAll(() => {
    mkdirSync(at('models/deep'), { recursive: true });
    writeFileSync(model, externalModel('w.bin', 8));
    writeFileSync(at('outside.bin'), new Uint8Array(8));
  });
  const place = (make: (path: string) => void) => {
    rmSync(at('models/w.bin'), { force: true });
    make(at('models/w.bin'));
  };

  it('reads what the model asks for of it, however much there is', async () => {
    place((path) => writeFileSync(path, new Uint8Array(Float32Array.of(9, 9, 1.5, 2.5, 9).buffer)));
    const { model: read } = await loadModel(model);
    expect([...read.graph.constants.get('w')!.data]).toEqual([1.5, 2.5]);
  });

  it('follows a link inside the folder, and of a download cache', async () => {
    writeFileSync(at('models/deep/blob'), new Uint8Array(Float32Array.of(9, 9, 3, 4).buffer));
    place((path) => symlinkSync('deep/blob', path));
    expect([...(await loadModel(model)).model.graph.constants.get('w')!.data]).toEqual([3, 4]);
    // A cache keeps all files in one folder, and gives them their names by links in another.
    mkdirSync(at('cache/blobs'), { recursive: true });
    mkdirSync(at('cache/snapshot'));
    writeFileSync(at('cache/blobs/1'), readFileSync(model));
    writeFileSync(at('cache/blobs/2'), readFileSync(at('models/deep/blob')));
    symlinkSync('../blobs/1', at('cache/snapshot/m.onnx'));
    symlinkSync('../blobs/2', at('cache/snapshot/w.bin'));
    const cached = await loadModel(at('cache/snapshot/m.onnx'));
    expect([...cached.model.graph.constants.get('w')!.data]).toEqual([3, 4]);
  });

  it('refuses a link that leads out of it, a pipe, a device and a file that is too short', async () => {
    place((path) => symlinkSync('../outside.bin', path));
    expect(await complaint(loadModel(model))).toMatch(/w\.bin: a link that leads out of the model's folder/);
    place((path) => symlinkSync('/dev/zero', path));
    expect(await complaint(loadModel(model))).toMatch(/w\.bin: a link that leads out/);
    place((path) => execFileSync('mkfifo', [path]));
    expect(await complaint(loadModel(model))).toMatch(/w\.bin: is a pipe/);
    place((path) => writeFileSync(path, new Uint8Array(15)));
    expect(await complaint(loadModel(model))).toMatch(/bytes 8 to 16 of 'w\.bin' are asked for, it has 15/);
    place(() => undefined);
    expect(await complaint(loadModel(model))).toMatch(/w\.bin: no such file/);
  });
});

test('a file is read in parts, at its ends and in places', async () => {
  const path = at('parts');
  const bytes = Uint8Array.from({ length: 2 ** 20 + 100 }, (_, i) => i % 251);
  writeFileSync(path, bytes);
  const parts: Uint8Array[] = [];
  for await (const part of readParts(path)) parts.push(part);
  expect(parts.map(({ length }) => length)).toEqual([2 ** 20, 100]);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  expect([...(await readStart(path, 3))]).toEqual([0, 1, 2]);
  expect([...(await readEnd(path, 2))]).toEqual([...bytes.subarray(-2)]);
  expect((await readEnd(path, 50, bytes.length - 7)).length).toBe(7);
  expect((await readStart(path, 2 ** 30)).length).toBe(bytes.length);
  const file = await openFile(path);
  expect([...(await file.read(1000, 2))]).toEqual([...bytes.subarray(1000, 1002)]);
  await expect(file.read(bytes.length - 1, 2)).rejects.toThrow(`it ends at byte ${bytes.length}`);
  await file.close();
});

test('a file of more bytes than can be held is refused before it is read', async () => {
  const path = at('sparse');
  execFileSync('truncate', ['-s', '5G', path]);
  await expect(readBytes(path)).rejects.toThrow(
    `${path}: 5,369 MB; files of this kind are read up to 2,148 MB; give a smaller file`,
  );
  await expect(readTextFile(path, 'a list')).rejects.toThrow('files of this kind are read up to 537 MB');
});

test('files of the system, which do not say their size, are read whole', async () => {
  if (process.platform !== 'linux') return;
  expect(readTextSync('/proc/self/stat')).toContain(`${process.pid} (`);
  expect((await readBytes('/proc/self/stat')).length).toBeGreaterThan(10);
});

test('no other module opens a file to read it', () => {
  const src = new URL('../../src/', import.meta.url).pathname;
  const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => name.endsWith('.ts'));
  const offenders = files.filter((name) => {
    // One reads files; the other only opens the null device, to count how often it can.
    if (name === 'common/file.node.ts' || name === 'common/modules.node.ts') return false;
    const text = codeOf(join(src, name));
    const imports = [...text.matchAll(/import \{([^}]*)\} from 'node:fs(?:\/promises)?';/g)]
      .flatMap(([, names = '']) => names.split(','))
      .map((each) => each.trim());
    const reading = /^(?:readFile|readFileSync|createReadStream|readSync|read|readv|openAsBlob|cp|copyFile)$/;
    if (/import \* as \w+ from 'node:fs/.test(text)) return true;
    if (imports.some((each) => reading.test(each))) return true;
    // A journal or a database is opened to be written, which its flag says; a folder to be synced.
    const opens = imports.some((each) => /^(open|openSync)$/.test(each));
    const calls = [...text.matchAll(/\b(?:open|openSync)\(([^()]*(?:\([^()]*\))?[^()]*)\)/g)];
    return (
      opens &&
      calls.some(([, args = '']) => !/'(?:a|w|wx|r\+)'|\bflags\b/.test(args)) &&
      name !== 'common/atomic.node.ts'
    );
  });
  expect(offenders).toEqual([]);
});
