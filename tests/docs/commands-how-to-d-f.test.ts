import { followPages } from './commands.ts';

followPages('how-to-d-f');
