import { followPages } from './commands.ts';

followPages('how-to-a-c');
