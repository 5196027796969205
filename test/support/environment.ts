export { PYTHON_ENVIRONMENT as pythonEnvironment, REPOSITORY as repository } from '@ablate/files';
