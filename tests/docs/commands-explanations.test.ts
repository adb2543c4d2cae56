import { followPages } from './commands.ts';

followPages('explanations');
