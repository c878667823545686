INSERT INTO accounts VALUES
(0,'playlist');
INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO copies VALUES
('movie',0,'66ebfae5a937c515',NULL,1,NULL,1,NULL,NULL);
INSERT INTO files VALUES
(1,'nfo','Devil s Knot (2013).nfo',123,X'E1992223DC3362782CCD199F5A40F38B',NULL,NULL,NULL,NULL,NULL),
(1,'strm','Devil s Knot (2013).strm',56,X'FDF3730945B741B3FF300A41231A0239',NULL,NULL,NULL,0,NULL);
INSERT INTO meta VALUES
('generation','1'),
('library','96755353980640bb79fadda52f9543be'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967380,1795967380,'list.m3u',0,NULL);
INSERT INTO titles VALUES
(1,'movie','Devil s Knot (2013)',0,NULL,'Devil s Knot',2013,NULL,NULL,X'6CC8517E409A95587B01E74A834D47EF',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967380,NULL,NULL,NULL,NULL,0,0,0,0,NULL);
