import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { chooseExamples, examplesOf } from '../../src/verbs/report/examples.ts';
import { folder } from '../cli/limn.ts';
import { result } from '../evaluation/results.ts';

it('the surest mistakes are chosen, and of each class the surest right answer', () => {
  const answer = fc.record({
    truth: fc.nat(3),
    scores: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 40 }), fc.nat(40), (given, split) => {
      const all = given.map((each, i) => ({ ...each, image: `${i}.jpg`, groups: {} }));
      const { info } = result([]);
      const results = [all.slice(0, split), all.slice(split)].map((answers) => ({ info, answers }));
      const { mistakes, right } = chooseExamples(results);
      // Literally: the largest score says the class, the first of several.
      const said = ({ scores }: { readonly scores: readonly number[] }) =>
        scores.indexOf(Math.max(...scores));
      const sure = ({ scores }: { readonly scores: readonly number[] }) => Math.max(...scores);
      const wrong = all.filter((each) => said(each) !== each.truth);
      const least = wrong
        .map(sure)
        .sort((a, b) => b - a)
        .slice(0, 10);
      expect(mistakes.map(({ answer }) => sure(answer))).toEqual(least);
      for (const { answer, predicted } of mistakes)
        expect([said(answer), answer.truth === predicted]).toEqual([predicted, false]);
      const classes = right.map(({ predicted }) => predicted);
      expect(new Set(classes).size).toBe(classes.length);
      const correct = all.filter((each) => said(each) === each.truth);
      expect(classes.length).toBe(new Set(correct.map(said)).size);
      for (const { answer, predicted } of right) {
        expect(answer.truth).toBe(predicted);
        const ofClass = correct.filter((each) => said(each) === predicted).map(sure);
        expect(sure(answer)).toBe(Math.max(...ofClass));
      }
    }),
  );
});

it('photos of a database are missed in a sentence that says what to do', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'data.mdb'), '');
  const { info, answers = [] } = result([{ said: 1 }, { said: 0 }]);
  const missing: string[] = [];
  const found = { info: { ...info, data: { ...info.data, source: dir } }, answers };
  expect(await examplesOf('net', [found], missing, nodeHost, {})).toBeUndefined();
  expect(missing).toEqual([
    `Without photos of net's answers: ${dir}: its photos are in a database, of which no file can be shown; evaluate the folder or the list that it was made of.`,
  ]);
});
