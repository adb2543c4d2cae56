import { followPages } from './commands.ts';

followPages('how-to-f-i');
