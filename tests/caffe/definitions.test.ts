import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { importNet, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { infer } from '../../src/operators/index.ts';
import { describeShared, shared, sharedFiles } from '../shared.ts';

const folder = 'adience/model_definitions';

describeShared('all 38 definitions build as graphs without weights', () => {
  const nets = sharedFiles(folder).filter((path) => /\/(?!solver)[^/]*\.prototxt$/.test(path));
  const definitions = [...new Set(nets.map((path) => path.split('/').at(-2)!))];
  it('are there', () => expect(definitions).toHaveLength(38));

  it.each(definitions)('%s', (name) => {
    const files = nets.filter((path) => path.includes(`/${name}/`));
    expect(files.length).toBeGreaterThanOrEqual(6);
    const classes = name.startsWith('age') ? 8 : 2;
    for (const path of files) {
      const net = upgradeNet(parsePrototxt(readFileSync(shared(path), 'utf8'), path), path);
      for (const phase of ['train', 'test'] as const) {
        const { graph, info } = importNet(net, path, { state: { phase } });
        const { shapes } = infer(graph);
        expect(graph.inputs, path).toHaveLength(1);
        expect(graph.inputs[0].shape.slice(0, 2), path).toEqual(['N', 3]);
        // The main head first, whether there are auxiliary ones or not.
        const heads = /googlenet/.test(name) ? 3 : 1;
        expect(info.heads, path).toHaveLength(heads);
        for (const { output, kind } of info.heads) {
          expect(kind, path).toBe('classes');
          expect(shapes.get(output), path).toEqual(['N', classes]);
          expect(graph.nodes.find((node) => node.outputs[0] === output)?.op, path).toBe('Softmax');
        }
        if (heads === 3) expect(info.heads[0].output, path).toContain('loss3');
      }
    }
  });
});
