INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO meta VALUES
('generation','0'),
('library','dfb670ceebd1b9724ac0ede5d8030e69'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967378,1795967378,'list.m3u',0,NULL);
