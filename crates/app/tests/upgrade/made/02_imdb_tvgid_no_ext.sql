INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO meta VALUES
('generation','0'),
('library','26bab5a6e4cf780e73552cd1ba530f9b'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967372,1795967372,'list.m3u',0,NULL);
