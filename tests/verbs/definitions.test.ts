/** What definitions of trainings say against their own names: every kind of it, in every fold, and in the published ones. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { checkDefinitions, type DefinitionsResult } from '../../src/verbs/index.ts';
import { folder, limn } from '../cli/limn.ts';
import { writeDefinition, writeTree } from '../plan/madestudy.ts';
import { describeShared, shared } from '../shared.ts';

const names = ['age_net_definitions', 'gender_fromscratch_small_unaligned', 'age_finetuning_small_mixed'];

function made(): string {
  const dir = folder();
  for (const name of names) writeDefinition(dir, name);
  return dir;
}

const check = (dir: string, more: { dataRoot?: string } = {}): Promise<DefinitionsResult> =>
  checkDefinitions({ definitions: join(dir, 'definitions'), ...more }, nodeHost);

function edit(dir: string, path: string, change: (text: string) => string): void {
  const file = join(dir, 'definitions', path);
  const text = readFileSync(file, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(file, change(text));
}

describe('definitions', () => {
  it('that do what their names say', async () => {
    expect(await check(made())).toMatchObject({ folders: 3, files: 21, unnamed: [], findings: [] });
  });

  it('whose faces are others than their names say, whichever', async () => {
    const suffixes = ['', '_unaligned', '_mixed'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...suffixes),
        fc.constantFrom(...suffixes),
        fc.constantFrom('age', 'gender'),
        async (said, read, target) => {
          const dir = folder();
          const name = `${target}_fromscratch_small${said}`;
          writeDefinition(dir, name, { folds: 1, crops: read });
          const { findings } = await check(dir);
          // The two databases and the mean.
          expect(findings.map(({ kind, definition }) => [kind, definition])).toEqual(
            said === read ? [] : Array(3).fill(['alignment', name]),
          );
          for (const { where } of findings)
            expect(where).toMatch(/train_val_test_fold_is_0\.prototxt:\d+:\d+: layer 'data'$/);
        },
      ),
      { numRuns: 18 },
    );
  });

  it.each([
    ['fold', /Test_fold_is_1/, 'Test_fold_is_2', 'of fold 2, where fold 1 is tested'],
    ['target', /age_val_lmdb/, 'gender_val_lmdb', 'has labels for gender, but its name says age'],
    ['tested-list', /age_train_lmdb/, 'age_test_lmdb', 'it is trained on'],
    ['classes', /num_output: 8/, 'num_output: 2', "layer 'fc8_8' tells 2 classes apart; of age there are 8"],
  ])('with a mistake: %s', async (kind, from, to, said) => {
    const dir = made();
    edit(dir, 'age_net_definitions/train_val_test_fold_is_1.prototxt', (text) => text.replace(from, to));
    const { findings } = await check(dir);
    expect(findings.map((each) => each.kind)).toEqual([kind]);
    expect(findings[0].what).toContain(said);
    expect(findings[0].where).toMatch(/age_net_definitions\/train_val_test_fold_is_1\.prototxt:\d+:\d+/);
  });

  it("whose solver trains another fold's network", async () => {
    const dir = made();
    edit(dir, 'age_net_definitions/solver_test_fold_is_1.prototxt', (text) => text.replace('is_1', 'is_0'));
    expect((await check(dir)).findings).toEqual([
      expect.objectContaining({
        kind: 'net',
        what: "it is for fold 1, but trains 'train_val_test_fold_is_0.prototxt'",
      }),
    ]);
  });

  it('whose names say nothing, but whose paths are of two minds', async () => {
    const dir = folder();
    writeDefinition(dir, 'age_net_definitions', { folds: 1 });
    writeTree(join(dir, 'definitions'), {
      'mine/train.prototxt': readFileSync(
        join(dir, 'definitions/age_net_definitions/train_val_test_fold_is_0.prototxt'),
        'utf8',
      ).replaceAll('mean_image/', 'mean_image_mixed/'),
    });
    const { unnamed, findings } = await check(dir);
    expect(unnamed).toEqual(['mine']);
    expect(findings.map(({ kind, what }) => [kind, what])).toEqual([
      [
        'alignment',
        expect.stringMatching(/^other paths are of aligned faces, but it reads 'mean_image_mixed/),
      ],
    ]);
  });

  it('whose data are not there', async () => {
    const dir = folder();
    writeDefinition(dir, 'gender_net_definitions', { folds: 1 });
    writeTree(dir, { 'data/lmdb/Test_fold_is_0/gender_train_lmdb/data.mdb': '' });
    const { findings } = await check(dir, { dataRoot: join(dir, 'data') });
    expect(findings.map(({ kind, what }) => [kind, what.split(',')[0]])).toEqual([
      ['missing', "it reads 'mean_image/Test_fold_is_0/mean.binaryproto'"],
      ['missing', "it reads 'lmdb/Test_fold_is_0/gender_val_lmdb'"],
    ]);
  });

  it('that are none', async () => {
    const dir = folder();
    writeTree(dir, { 'definitions/readme.txt': 'nothing', 'broken/net.prototxt': 'layer { name: ' });
    await expect(check(dir)).rejects.toThrow(/definitions: no definition is in it/);
    await expect(checkDefinitions({ definitions: join(dir, 'broken') }, nodeHost)).rejects.toThrow(
      /net\.prototxt:1:/,
    );
  });
});

it('is a command, a line for each mistake', async () => {
  const dir = made();
  edit(dir, 'age_net_definitions/train_val_test_fold_is_0.prototxt', (text) =>
    text.replaceAll('mean_image/', 'mean_image_mixed/'),
  );
  const { code, stdout } = await limn(['doctor', 'definitions'], dir);
  expect(stdout).toBe(
    "definitions/age_net_definitions/train_val_test_fold_is_0.prototxt:2:1: layer 'data': its name says aligned faces, but it reads 'mean_image_mixed/Test_fold_is_0/mean.binaryproto'\n" +
      '3 definitions, 21 files: 1 mistake in age_net_definitions\n',
  );
  expect(code).toBe(1);
  const wrong = await limn(['doctor', 'model.onnx'], dir);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('labelled photos')]);
});

describeShared('the published definitions', () => {
  it('are what their names say, but for one', async () => {
    const definitions = shared('adience/model_definitions');
    const { folders, findings } = await checkDefinitions({ definitions }, nodeHost);
    expect(folders).toBe(readdirSync(definitions).length);
    expect(findings).toHaveLength(15);
    for (const { kind, definition } of findings)
      expect([kind, definition]).toEqual(['alignment', 'gender_finetuning_googlenet_mixed']);
  });
});
