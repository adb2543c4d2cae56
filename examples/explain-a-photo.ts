/*
 * Says what is in a photo and draws why: explain-a-photo.js net.onnx photo.jpg why.png [TARGET]
 */
import { colormap, overlay } from 'limn';
import { classify, explain, writePng } from 'limn/node';

const [model = '', photo = '', picture = 'why.png', target = 'predicted'] = process.argv.slice(2);

const { outputs } = await classify(model, photo, { top: 3 });
for (const [name, answer] of Object.entries(outputs)) {
  if (answer.kind === 'number') console.log(`${name}: ${answer.value.toFixed(1)}`);
  else for (const { label, value } of answer.top) console.log(`${name}: ${label} ${value.toFixed(3)}`);
}

const { reading, heat, view } = await explain(model, photo, { target });
console.log(`explained: ${reading.target.name}, ${reading.score.toFixed(3)}`);
if (view) await writePng(picture, overlay(view, heat.map, colormap('black-firered'), { limit: heat.limit }));
