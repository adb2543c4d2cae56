export { fill, streamOf } from './fill.ts';
