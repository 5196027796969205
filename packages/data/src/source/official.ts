/** Files published by the authors of a data set, by its name. */
export type OfficialFile = { url: string; file: string; bytes: number; md5: string };

/** From https://www.cs.toronto.edu/~kriz/cifar.html, which lists the MD5. */
export const OFFICIAL_FILES: Readonly<Record<string, OfficialFile>> = {
  cifar10: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    file: 'cifar-10-binary.tar.gz',
    bytes: 170_052_171,
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
  cifar100: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
    file: 'cifar-100-binary.tar.gz',
    bytes: 168_513_733,
    md5: '03b5dce01913d631647c71ecec9e9cb8',
  },
};
