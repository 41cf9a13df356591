import { FILE_FAULTS } from '../support/faults/file-kinds.ts';
import { everyStep } from '../support/faults/matrix.ts';

everyStep(FILE_FAULTS);
